/** The projection that folds the log into the read model. */
@NullMarked
package dev.runledger.query.projection;

import org.jspecify.annotations.NullMarked;
