package dev.runledger.events.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesTest {

    private static final int LENGTH = 200;

    private static Series<Integer> of(int length) {
        var series = Series.<Integer>empty();
        for (var i = 0; i < length; i++) {
            series = series.plus(i);
        }
        return series;
    }

    private static List<Integer> numbers(int length) {
        return IntStream.range(0, length).boxed().toList();
    }

    @Test
    void hasWhatWasAppendedInOrderHoweverItIsRead() {
        for (var length = 0; length <= LENGTH; length++) {
            var series = of(length);
            assertThat(series.size()).isEqualTo(length);
            assertThat(series.stream().toList()).isEqualTo(numbers(length));
            assertThat(IntStream.range(0, length).mapToObj(series::get)).isEqualTo(numbers(length));
            assertThat(series).isEqualTo(numbers(length)).hasSameHashCodeAs(numbers(length));
            assertThat(series.isEmpty() || series.getLast() == length - 1).isTrue();
        }
    }

    @Test
    void staysAsItIsWhateverOthersAreMadeOfIt() {
        var all = new ArrayList<Series<Integer>>();
        all.add(Series.empty());
        for (var i = 0; i < LENGTH; i++) {
            all.add(all.getLast().plus(i));
        }
        for (var length = 0; length <= LENGTH; length++) {
            var one = all.get(length).plus(-1);
            var other = all.get(length).plus(-2);
            assertThat(one.getLast()).isEqualTo(-1);
            assertThat(other.getLast()).isEqualTo(-2);
            assertThat(one.subList(0, length)).isEqualTo(numbers(length));
        }
        for (var length = 0; length <= LENGTH; length++) {
            assertThat(all.get(length)).isEqualTo(numbers(length));
        }
    }

    @Test
    void endsWhereItEndsAndCannotBeChanged() {
        for (var length : List.of(0, 31, 32, 33)) {
            var series = of(length);
            var walk = series.iterator();
            for (var i = 0; i < length; i++) {
                walk.next();
            }
            assertThat(walk.hasNext()).isFalse();
            assertThatThrownBy(walk::next).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(() -> series.get(length)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> series.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> series.add(1)).isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
