package dev.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** Questions that are answered several at once, and the line in which they wait. */
class GatheringTest {

    private final List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> sinces = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> askers = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();

    private final Gathering<Integer, String> gathering = gathering(questions ->
            questions.stream().map(question -> "answer " + question).toList());

    private Gathering<Integer, String> gathering(Function<List<Integer>, List<String>> together) {
        return new Gathering<>(Duration.ofMillis(50), (questions, since) -> {
            sinces.add(since);
            sizes.add(questions.size());
            begun.incrementAndGet();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return together.apply(questions);
        });
    }

    private List<CompletableFuture<String>> ask(Gathering<Integer, String> gathering, int count) {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var first = IntStream.range(0, 2)
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> asking(gathering, n), threads))
                .toList();
        await().until(() -> begun.get() == 2);
        var all = new ArrayList<>(first);
        IntStream.range(2, count)
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> asking(gathering, n), threads))
                .forEach(all::add);
        return all;
    }

    private String asking(Gathering<Integer, String> gathering, int question) {
        askers.add(Thread.currentThread());
        return gathering.ask(question);
    }

    private void awaitWaiting(int count) {
        await().until(() ->
                askers.size() == count && askers.stream().allMatch(asker -> asker.getState() == Thread.State.WAITING));
    }

    private static List<String> texts(List<Integer> questions) {
        return questions.stream().map(String::valueOf).toList();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    @Nested
    class AQuestion {

        @Test
        void goesAloneWhereNobodyElseAsks() {
            open.countDown();
            assertThat(gathering.ask(7)).isEqualTo("answer 7");
            assertThat(gathering.ask(8)).isEqualTo("answer 8");
            assertThat(sizes).containsExactly(1, 1);
        }

        @Test
        void goesWithThoseThatCameMeanwhile() {
            var asked = ask(gathering, 80);
            await().pollDelay(Duration.ofMillis(20)).until(() -> sizes.size() == 2);
            open.countDown();
            for (var n = 0; n < asked.size(); n++) {
                assertThat(asked.get(n).join()).isEqualTo("answer " + n);
            }
            assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(80);
            assertThat(sizes)
                    .hasSizeLessThan(20)
                    .allSatisfy(size -> assertThat(size).isBetween(1, Gathering.MOST));
        }

        @Test
        void failsWithTheStatementThatItWentWith() {
            var failing = gathering(questions -> {
                if (questions.contains(1)) {
                    throw new IllegalStateException("no");
                }
                return questions.stream().map(String::valueOf).toList();
            });
            var asked = ask(failing, 2);
            open.countDown();
            assertThat(asked.get(0).join()).isEqualTo("0");
            assertThatThrownBy(() -> asked.get(1).join()).hasRootCauseMessage("no");
            assertThat(failing.ask(2)).isEqualTo("2");
        }

        @Test
        void isAskedAloneWhereTheStatementForSeveralFails() {
            var failing = gathering(questions -> {
                if (questions.contains(4)) {
                    throw new IllegalStateException("no " + questions);
                }
                if (questions.size() > 1) {
                    throw new IllegalStateException("none of several");
                }
                return texts(questions);
            });
            var asked = ask(failing, 6);
            awaitWaiting(6);
            open.countDown();
            for (var n : List.of(0, 1, 2, 3, 5)) {
                assertThat(asked.get(n).join()).isEqualTo(String.valueOf(n));
            }
            assertThatThrownBy(() -> asked.get(4).join()).hasRootCauseMessage("no [4]");
            assertThat(sizes).anySatisfy(size -> assertThat(size).isGreaterThan(1));
        }

        @Test
        void isNotAskedAgainWhereTheDatabaseIsAway() {
            var failing = gathering(questions -> {
                throw new DataAccessResourceFailureException("away", new SQLException("away", "08006"));
            });
            var asked = ask(failing, 6);
            awaitWaiting(6);
            open.countDown();
            for (var each : asked) {
                assertThatThrownBy(each::join).hasCauseInstanceOf(DataAccessResourceFailureException.class);
            }
            assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(6);
        }

        @Test
        void isAskedAloneWhereWhoAskedForSeveralIsInterrupted() throws Exception {
            var leader = new CompletableFuture<Thread>();
            var never = new CountDownLatch(1);
            var interrupted = gathering(questions -> {
                if (questions.size() > 1 && leader.complete(Thread.currentThread())) {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted", e);
                    }
                }
                return texts(questions);
            });
            var asked = ask(interrupted, 6);
            awaitWaiting(6);
            open.countDown();
            leader.get(10, TimeUnit.SECONDS).interrupt();
            await().until(() -> asked.stream().allMatch(CompletableFuture::isDone));
            assertThat(asked.stream().filter(CompletableFuture::isCompletedExceptionally))
                    .hasSize(1);
        }

        @Test
        void makesRoomForTheNextWhateverIsThrown() {
            open.countDown();
            var failing = gathering(questions -> {
                if (questions.contains(1)) {
                    throw GatheringTest.<RuntimeException>sneaky(new IOException("no"));
                }
                return texts(questions);
            });
            for (var n = 0; n < 3; n++) {
                assertThatThrownBy(() -> failing.ask(1)).isInstanceOf(IOException.class);
            }
            assertThat(failing.ask(2)).isEqualTo("2");
        }

        @Test
        void tellsSinceWhenItHasWaited() {
            var asked = ask(gathering, 6);
            awaitWaiting(6);
            var opened = System.nanoTime();
            open.countDown();
            asked.forEach(CompletableFuture::join);
            assertThat(sinces)
                    .hasSizeGreaterThan(2)
                    .allSatisfy(since -> assertThat(since - opened).isNegative());
        }

        @Test
        void isSentAwayWhereNobodyComesToIt() {
            var asked = ask(gathering, 5);
            await().until(() -> {
                gathering.sweep();
                return asked.stream().skip(2).allMatch(CompletableFuture::isCompletedExceptionally);
            });
            assertThat(asked.stream().limit(2)).noneMatch(CompletableFuture::isDone);
            open.countDown();
            assertThat(asked.get(0).join()).isEqualTo("answer 0");
            assertThat(asked.get(1).join()).isEqualTo("answer 1");
            assertThat(gathering.ask(9)).isEqualTo("answer 9");
            assertThatThrownBy(() -> asked.get(2).join()).hasCauseInstanceOf(QueryProblem.class);
        }
    }

    @Test
    void whoHasWaitedElsewhereIsSentAwayBeforeThoseAhead() {
        var line = new Line<>(Duration.ofSeconds(10));
        var ahead = new Line.Place();
        var late = new Line.Place(System.nanoTime() - Duration.ofSeconds(11).toNanos());
        line.join(ahead);
        line.join(late);
        line.sweep();
        assertThat(late.await()).isFalse();
        assertThat(line.poll()).isSameAs(ahead);
        assertThat(line.isEmpty()).isTrue();
    }
}
