package dev.runledger.query.projection;

import dev.runledger.query.QueryHeaders;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadModelSchema;
import dev.runledger.query.Takes;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The projections: how far they are, and what people may do with them. */
@RestController
class ProjectionController {

    private static final String READ_MODEL = "/api/v1/projections/" + ReadModelSchema.PROJECTION;

    private static final long LARGEST_SAMPLE = 1_000_000;

    private final Projections projections;

    ProjectionController(Projections projections) {
        this.projections = projections;
    }

    /** All of them. */
    record ProjectionList(List<ProjectionAnswer> items) {}

    @Takes({})
    @GetMapping(path = "/api/v1/projections", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionList> list(QueryParameters none) {
        var readModel = projections.readModel();
        return at(readModel).body(new ProjectionList(List.of(readModel)));
    }

    @Takes({})
    @GetMapping(path = READ_MODEL, produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionAnswer> one(QueryParameters none) {
        return answer(projections.readModel());
    }

    @PostMapping(
            path = READ_MODEL + "/pause",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionAnswer> pause(@RequestBody(required = false) @Nullable InputStreamResource body) {
        ProjectionBody.of(body);
        return answer(projections.pause());
    }

    @PostMapping(
            path = READ_MODEL + "/resume",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionAnswer> resume(@RequestBody(required = false) @Nullable InputStreamResource body) {
        ProjectionBody.of(body);
        return answer(projections.resume());
    }

    @PostMapping(
            path = READ_MODEL + "/skip",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionAnswer> skip(@RequestBody(required = false) @Nullable InputStreamResource body) {
        var given = ProjectionBody.of(body, "position", "reason");
        return answer(projections.skip(given.number("position", Long.MAX_VALUE), given.text("reason", null)));
    }

    /** Takes a skip back. */
    @DeleteMapping(path = READ_MODEL + "/skip/{position}", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectionAnswer> unskip(@PathVariable("position") String position) {
        if (!position.matches("[1-9][0-9]{0,17}")) {
            throw QueryProblem.badParameter("position", "is no position of the log");
        }
        return answer(projections.unskip(Long.parseLong(position)));
    }

    @PostMapping(
            path = READ_MODEL + "/rebuild",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Rebuild> rebuild(@RequestBody(required = false) @Nullable InputStreamResource body) {
        var given = ProjectionBody.of(body, "reason");
        return ResponseEntity.status(HttpStatus.ACCEPTED)
                .header(HttpHeaders.LOCATION, READ_MODEL)
                .body(projections.rebuild(given.text("reason", "asked for")));
    }

    @DeleteMapping(path = READ_MODEL + "/rebuild", produces = MediaType.APPLICATION_JSON_VALUE)
    Rebuild cancelRebuild() {
        return projections.cancelRebuild();
    }

    /** Answers the report, or 202 when it takes longer than a request should. */
    @PostMapping(
            path = READ_MODEL + "/verify",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> verify(@RequestBody(required = false) @Nullable InputStreamResource body) {
        var sample = ProjectionBody.of(body, "sample").number("sample", LARGEST_SAMPLE);
        var report = projections.verify(sample == null ? null : (Integer) sample.intValue());
        return report == null
                ? ResponseEntity.accepted()
                        .header(HttpHeaders.LOCATION, READ_MODEL)
                        .body(projections.readModel())
                : ResponseEntity.ok(report);
    }

    private static ResponseEntity<ProjectionAnswer> answer(ProjectionAnswer readModel) {
        return at(readModel).body(readModel);
    }

    private static ResponseEntity.BodyBuilder at(ProjectionAnswer readModel) {
        return ResponseEntity.ok().header(QueryHeaders.POSITION, String.valueOf(readModel.position()));
    }
}
