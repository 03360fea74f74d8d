/** What runs that do one thing and end have in common. */
@NullMarked
package dev.runledger.app.run;

import org.jspecify.annotations.NullMarked;
