/** Why the server refuses to start, in one sentence. */
@NullMarked
package dev.runledger.app.startup;

import org.jspecify.annotations.NullMarked;
