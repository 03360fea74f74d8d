package dev.runledger.query;

import dev.runledger.eventstore.DatabaseAway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions that are answered several at once. One that comes while others are being answered waits and goes with all
 * that have come meanwhile; where nobody is, it goes alone at once. The more is asked, the less each question costs.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class Gathering<Q, A> {

    private static final Logger log = LoggerFactory.getLogger(Gathering.class);

    /** So many questions are answered at once, at the most. */
    public static final int MOST = 32;

    /** While one set of questions is answered the next one gathers. */
    private static final int CONCURRENTLY = 2;

    /** Answers questions with one statement. */
    @FunctionalInterface
    interface Together<Q, A> {

        /**
         * Answers in the order of the questions.
         *
         * @param since when the first of them was asked, as {@link System#nanoTime} tells it
         */
        List<A> answer(List<Q> questions, long since);
    }

    private static final class Ask<Q, A> extends Line.Place {

        private final Q question;

        /** Whether another thread took it along with its own. */
        private boolean taken;

        /** Null while it has none, or where it was asked in vain together with others. */
        private @Nullable A answer;

        /** Why nobody needs to ask alone: the database is away. */
        private @Nullable RuntimeException away;

        Ask(Q question) {
            this.question = question;
        }
    }

    private final Line<Ask<Q, A>> waiting;
    private final Together<Q, A> together;
    private int asking;

    /**
     * @param longest nobody waits longer in the line here
     * @param together is told since when who is asked for has waited
     */
    Gathering(Duration longest, Together<Q, A> together) {
        this.waiting = new Line<>(longest);
        this.together = together;
    }

    /** Sends away who has waited for too long. */
    void sweep() {
        waiting.sweep();
    }

    /**
     * The answer to {@code question}. Where several are asked together and that fails, each is asked once more alone, by
     * its own thread: nobody fails for another's question, or because another was interrupted. Only a database that is
     * away is away for all.
     *
     * @throws QueryProblem when nobody came to it in time
     */
    public A ask(Q question) {
        var ask = new Ask<Q, A>(question);
        if (!mayGo(ask) && !ask.await()) {
            throw QueryProblem.overloaded();
        }
        if (!ask.taken) {
            answer(ask);
        }
        if (ask.away != null) {
            throw ask.away;
        }
        var answer = ask.answer;
        return answer == null ? alone(ask) : answer;
    }

    private synchronized boolean mayGo(Ask<Q, A> ask) {
        if (asking < CONCURRENTLY) {
            asking++;
            return true;
        }
        waiting.join(ask);
        return false;
    }

    /** Asks with all that wait; fails where it was alone, or its thread is interrupted. */
    private void answer(Ask<Q, A> first) {
        List<Ask<Q, A>> asks = List.of();
        try {
            // With room for all, so that none is lost between the line and the list.
            asks = new ArrayList<>(MOST);
            asks.add(first);
            for (var next = waiting.poll(); next != null; next = asks.size() < MOST ? waiting.poll() : null) {
                asks.add(next);
                next.taken = true;
            }
            var answers = together.answer(asks.stream().map(ask -> ask.question).toList(), first.since());
            for (var i = 0; i < asks.size(); i++) {
                asks.get(i).answer = answers.get(i);
            }
        } catch (Throwable e) {
            if (asks.size() <= 1 || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            if (e instanceof RuntimeException away && DatabaseAway.isBehind(e)) {
                asks.forEach(ask -> ask.away = away);
                return;
            }
            log.debug(
                    "{} questions are asked one by one after {}",
                    asks.size(),
                    e.getClass().getName());
        } finally {
            passOn();
            for (var i = 1; i < asks.size(); i++) {
                asks.get(i).call();
            }
        }
    }

    private A alone(Ask<Q, A> ask) {
        return together.answer(List.of(ask.question), ask.since()).getFirst();
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
