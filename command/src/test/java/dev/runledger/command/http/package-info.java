@NullMarked
package dev.runledger.command.http;

import org.jspecify.annotations.NullMarked;
