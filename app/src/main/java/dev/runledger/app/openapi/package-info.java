/** The description of the API for machines. */
@NullMarked
package dev.runledger.app.openapi;

import org.jspecify.annotations.NullMarked;
