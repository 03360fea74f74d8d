@NullMarked
package dev.runledger.events.execution;

import org.jspecify.annotations.NullMarked;
