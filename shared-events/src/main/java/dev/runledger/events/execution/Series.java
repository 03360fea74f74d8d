package dev.runledger.events.execution;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A list that never changes; with one element more it is another, which shares all but some {@value #CHUNK} references
 * with it. A fold appends hundreds of thousands of them: a tree of single elements makes ten times the garbage.
 */
public final class Series<E> extends AbstractList<E> {

    private static final int CHUNK = 32;

    private static final Series<?> EMPTY = new Series<>(TreePVector.empty(), new Object[0]);

    /** Of {@link #CHUNK} elements each. */
    private final PVector<Object[]> full;

    /** The elements behind those, fewer than {@link #CHUNK}. */
    private final Object[] rest;

    private Series(PVector<Object[]> full, Object[] rest) {
        this.full = full;
        this.rest = rest;
    }

    @SuppressWarnings("unchecked") // It has no elements.
    public static <E> Series<E> empty() {
        return (Series<E>) EMPTY;
    }

    /** This with {@code element} behind it. */
    public Series<E> plus(E element) {
        var longer = Arrays.copyOf(rest, rest.length + 1);
        longer[rest.length] = element;
        return longer.length == CHUNK ? new Series<>(full.plus(longer), EMPTY.rest) : new Series<>(full, longer);
    }

    @Override
    public int size() {
        return full.size() * CHUNK + rest.length;
    }

    @Override
    public E get(int index) {
        Objects.checkIndex(index, size());
        var chunk = index / CHUNK;
        return element(chunk < full.size() ? full.get(chunk) : rest, index % CHUNK);
    }

    @Override
    public Iterator<E> iterator() {
        return new Walk();
    }

    @SuppressWarnings("unchecked") // Nothing else is put into one.
    private E element(Object[] chunk, int index) {
        return (E) chunk[index];
    }

    private final class Walk implements Iterator<E> {

        private final Iterator<Object[]> following = full.iterator();
        private Object[] chunk = following.hasNext() ? following.next() : rest;
        private int index;

        @Override
        public boolean hasNext() {
            return index < chunk.length;
        }

        @Override
        public E next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var element = element(chunk, index++);
            if (index == CHUNK) {
                chunk = following.hasNext() ? following.next() : rest;
                index = 0;
            }
            return element;
        }
    }
}
