package dev.runledger.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPatternParser;

class LengthwiseHandlerMappingTest {

    private final LengthwiseHandlerMapping mapping = new LengthwiseHandlerMapping();

    @BeforeEach
    void map() throws Exception {
        for (var path : new String[] {
            "/executions",
            "/executions/{id}",
            "/executions/{id}/steps/{step}",
            "/{kind}/{id}",
            "/files/**",
            "/odd/{n:.*}"
        }) {
            var options = new RequestMappingInfo.BuilderConfiguration();
            options.setPatternParser(new PathPatternParser());
            mapping.registerMapping(
                    RequestMappingInfo.paths(path).options(options).build(),
                    new Named(path),
                    Named.class.getMethod("path"));
        }
    }

    /** What a path is mapped to. */
    public record Named(String path) {}

    @Nested
    class ARequest {

        @ParameterizedTest
        @CsvSource({
            "/executions, /executions",
            "/executions/1, /executions/{id}",
            "/executions/1%2F2, /executions/{id}",
            "/executions/1/steps/a%2Fb, /executions/{id}/steps/{step}",
            "/steps/1, /{kind}/{id}",
            "/files/a, /{kind}/{id}",
            "/files/a/b/c, /files/**",
            "/odd/1, /odd/{n:.*}"
        })
        void findsTheMostSpecificMappingOfItsPath(String path, String found) throws Exception {
            var handler = Objects.requireNonNull(mapping.getHandler(request(path)));

            assertThat(((HandlerMethod) handler.getHandler()).getBean()).isEqualTo(new Named(found));
        }

        @ParameterizedTest
        @ValueSource(strings = {"/executions/1/", "/executions/1/steps", "/executions/1/steps/a/b", "/a/b/c"})
        void findsNothingWhereThereIsNothing(String path) throws Exception {
            assertThat(mapping.getHandler(request(path))).isNull();
        }

        private static MockHttpServletRequest request(String path) {
            var request = new MockHttpServletRequest("GET", path);
            ServletRequestPathUtils.parseAndCache(request);
            return request;
        }
    }

    @Nested
    class APattern {

        @Test
        void hasALengthUnlessItMayMatchPathsOfSeveral() {
            assertThat(LengthwiseHandlerMapping.isOfOneLength("/executions/{id}"))
                    .isTrue();
            assertThat(LengthwiseHandlerMapping.isOfOneLength("/files/**")).isFalse();
            assertThat(LengthwiseHandlerMapping.isOfOneLength("/files/{*rest}")).isFalse();
            assertThat(LengthwiseHandlerMapping.isOfOneLength("/odd/{n:.*}")).isFalse();
            assertThat(LengthwiseHandlerMapping.length("/executions/{id}/steps"))
                    .isEqualTo(6);
        }
    }
}
