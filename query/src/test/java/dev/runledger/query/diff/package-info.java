@NullMarked
package dev.runledger.query.diff;

import org.jspecify.annotations.NullMarked;
