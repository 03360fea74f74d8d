package dev.runledger.query;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Questions that are answered several at once. One that comes while others are being answered waits and goes with all
 * that have come meanwhile; where nobody is, it goes alone at once. The more is asked, the less each question costs.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class Gathering<Q, A> {

    /** So many questions are answered at once, at the most. */
    public static final int MOST = 32;

    /** While one set of questions is answered the next one gathers. */
    private static final int CONCURRENTLY = 2;

    private static final class Ask<Q, A> extends Line.Place {

        private final Q question;

        /** Both null while this has to be answered, by its own thread if that is called. */
        private @Nullable A answer;

        private @Nullable Throwable failure;

        Ask(Q question) {
            this.question = question;
        }

        boolean isAnswered() {
            return answer != null || failure != null;
        }

        A result() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable impossible -> throw new IllegalStateException(impossible);
            }
            return Objects.requireNonNull(answer);
        }
    }

    private final Line<Ask<Q, A>> waiting;
    private final Function<List<Q>, List<A>> together;
    private int asking;

    /**
     * @param longest nobody waits longer for an answer to begin
     * @param together answers what it is asked, in the order of the questions
     */
    Gathering(Duration longest, Function<List<Q>, List<A>> together) {
        this.waiting = new Line<>(longest);
        this.together = together;
    }

    /** Sends away who has waited for too long. */
    void sweep() {
        waiting.sweep();
    }

    /**
     * The answer to {@code question}; fails as the statement does that answers it.
     *
     * @throws QueryProblem when nobody came to it in time
     */
    public A ask(Q question) {
        var ask = new Ask<Q, A>(question);
        if (!mayGo(ask)) {
            if (!ask.await()) {
                throw QueryProblem.overloaded();
            }
            if (ask.isAnswered()) {
                return ask.result();
            }
        }
        answer(ask);
        return ask.result();
    }

    private synchronized boolean mayGo(Ask<Q, A> ask) {
        if (asking < CONCURRENTLY) {
            asking++;
            return true;
        }
        waiting.join(ask);
        return false;
    }

    private void answer(Ask<Q, A> first) {
        var asks = new ArrayList<Ask<Q, A>>();
        asks.add(first);
        for (var next = waiting.poll(); next != null; next = asks.size() < MOST ? waiting.poll() : null) {
            asks.add(next);
        }
        try {
            var answers = together.apply(asks.stream().map(ask -> ask.question).toList());
            for (var i = 0; i < asks.size(); i++) {
                asks.get(i).answer = answers.get(i);
            }
        } catch (RuntimeException | Error e) {
            asks.forEach(ask -> ask.failure = e);
        } finally {
            passOn();
            asks.stream().skip(1).forEach(Line.Place::call);
        }
    }

    /** Who waits longest goes next. */
    private synchronized void passOn() {
        for (var next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.call()) {
                return;
            }
        }
        asking--;
    }
}
