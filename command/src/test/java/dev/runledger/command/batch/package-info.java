@NullMarked
package dev.runledger.command.batch;

import org.jspecify.annotations.NullMarked;
