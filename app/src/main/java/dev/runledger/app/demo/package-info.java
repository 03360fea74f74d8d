/** Three example runs to look at. */
@NullMarked
package dev.runledger.app.demo;

import org.jspecify.annotations.NullMarked;
