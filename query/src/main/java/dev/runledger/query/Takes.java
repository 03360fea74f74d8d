package dev.runledger.query;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The query parameters that a handler method takes; its {@link QueryParameters} refuse any other. */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Takes {

    Parameter[] value();

    /** Those of {@link #value} that the path says in their place. */
    Parameter[] without() default {};
}
