package dev.runledger.query.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RebuildPaceTest {

    private static final long MILLI = 1_000_000;

    private final RebuildPace pace = new RebuildPace();

    @Test
    void knowsOfNobodyWhoAppendsOnlyAfterItHasLookedTwice() {
        assertThat(pace.isIdle()).isFalse();
        assertThat(pace.isGentle()).isTrue();
        pace.look(1_000, MILLI);
        assertThat(pace.isIdle()).isFalse();
        pace.look(1_000, 21 * MILLI);
        assertThat(pace.isIdle()).isTrue();
    }

    @Test
    void takesAllWhileNobodyAppends() {
        pace.look(1_000, MILLI);
        pace.look(1_001, 101 * MILLI);
        assertThat(pace.rest(30 * MILLI, 500)).isZero();
        assertThat(pace.rest(30 * MILLI)).isZero();
    }

    @Test
    void restsSeveralTimesAsLongAsItWorkedWhereSomebodyAppends() {
        pace.look(1_000, MILLI);
        pace.look(1_100, 101 * MILLI);
        assertThat(pace.rest(30 * MILLI, 500)).isEqualTo(Duration.ofMillis(90));
        assertThat(pace.rest(10_000 * MILLI)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void doesNotRestWhileTheLogRunsAway() {
        pace.look(1_000, MILLI);
        pace.look(1_100, 101 * MILLI);
        assertThat(pace.rest(30 * MILLI, 500)).isPositive();
        assertThat(pace.rest(30 * MILLI, 10_500)).isPositive();
        assertThat(pace.rest(30 * MILLI, 10_501)).isZero();
        assertThat(pace.isGentle()).isFalse();
        pace.anew();
        assertThat(pace.isGentle()).isTrue();
        assertThat(pace.rest(30 * MILLI, 10_501)).isPositive();
    }

    @Test
    void doesNotRestInAStorm() {
        pace.look(1_000, MILLI);
        pace.look(2_001, 101 * MILLI);
        assertThat(pace.isIdle()).isFalse();
        assertThat(pace.isGentle()).isFalse();
        assertThat(pace.rest(30 * MILLI, 500)).isZero();
    }

    @Test
    void neitherRestsNorTakesSmallPiecesOnceItHurries() {
        pace.look(1_000, MILLI);
        pace.look(1_100, 101 * MILLI);
        assertThat(pace.isGentle()).isTrue();
        pace.hurry();
        pace.anew();
        assertThat(pace.isGentle()).isFalse();
        assertThat(pace.rest(30 * MILLI, 500)).isZero();
        assertThat(pace.rest(30 * MILLI)).isZero();
    }

    @Test
    void noticesThatSomebodyBeginsAndEnds() {
        pace.look(1_000, MILLI);
        pace.look(1_000, 101 * MILLI);
        pace.look(1_100, 201 * MILLI);
        assertThat(pace.isIdle()).isFalse();
        pace.look(1_100, 301 * MILLI);
        assertThat(pace.isIdle()).isTrue();
    }
}
