/** HTTP as every module sees it: request ids, problem details, Jetty's settings. */
@NullMarked
package dev.runledger.app.web;

import org.jspecify.annotations.NullMarked;
