/** Who may call: the API key, the loopback mode and the namespace of a request. */
@NullMarked
package dev.runledger.app.security;

import org.jspecify.annotations.NullMarked;
