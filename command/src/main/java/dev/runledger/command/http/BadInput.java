package dev.runledger.command.http;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** A body, header or path that is not what it must be: 400, with everything that is wrong with it. */
public class BadInput extends Problem {

    /** A body with a thousand mistakes is told the first ones. */
    private static final int MOST_ERRORS = 50;

    private final List<FieldError> errors;

    /** @param errors not empty */
    public BadInput(List<FieldError> errors) {
        super(problem(errors));
        this.errors = List.copyOf(errors);
    }

    public BadInput(String pointer, String message) {
        this(List.of(new FieldError(pointer, message)));
    }

    public List<FieldError> errors() {
        return errors;
    }

    private static ProblemDetail problem(List<FieldError> errors) {
        var first = errors.getFirst().sentence();
        var more = errors.size() == 1 ? "." : "; " + (errors.size() - 1) + " more in errors.";
        var problem = detail(HttpStatus.BAD_REQUEST, "bad-request", "The request is not valid", first + more);
        problem.setProperty("errors", errors.subList(0, Math.min(errors.size(), MOST_ERRORS)));
        return problem;
    }
}
