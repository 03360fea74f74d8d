package dev.runledger.query.execution;

import dev.runledger.query.Parameter;
import dev.runledger.query.Takes;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;

/** A list of executions: takes all that {@link ExecutionFilter} reads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Takes({
    Parameter.WORKFLOW,
    Parameter.VERSION,
    Parameter.EXECUTION_STATUS,
    Parameter.TYPE,
    Parameter.AGENT_ID,
    Parameter.CUSTOMER_ID,
    Parameter.EXTERNAL_ID,
    Parameter.PARENT_EXECUTION_ID,
    Parameter.TAG,
    Parameter.Q,
    Parameter.CREATED_AFTER,
    Parameter.CREATED_BEFORE,
    Parameter.STARTED_AFTER,
    Parameter.STARTED_BEFORE,
    Parameter.ENDED_AFTER,
    Parameter.ENDED_BEFORE,
    Parameter.MIN_DURATION_MS,
    Parameter.MAX_DURATION_MS,
    Parameter.SORT,
    Parameter.AT,
    Parameter.LIMIT,
    Parameter.CURSOR
})
@interface TakesExecutionFilter {

    @AliasFor(annotation = Takes.class)
    Parameter[] without() default {};
}
