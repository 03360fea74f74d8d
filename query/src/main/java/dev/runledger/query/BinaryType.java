package dev.runledger.query;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/** A type of PostgreSQL, and how the server takes its values in binary. */
enum BinaryType {
    TEXT(Oid.TEXT, Oid.TEXT_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            out.text((String) value);
        }
    },
    TIMESTAMPTZ(Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            out.int4(Long.BYTES);
            out.int8(microsSince2000((Instant) value));
        }
    },
    UUID(Oid.UUID, Oid.UUID_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            var uuid = (UUID) value;
            out.int4(2 * Long.BYTES);
            out.int8(uuid.getMostSignificantBits());
            out.int8(uuid.getLeastSignificantBits());
        }
    },
    INT8(Oid.INT8, Oid.INT8_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            out.int4(Long.BYTES);
            out.int8((Long) value);
        }
    },
    INT4(Oid.INT4, Oid.INT4_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            out.int4(Integer.BYTES);
            out.int4((Integer) value);
        }
    },
    BOOL(Oid.BOOL, Oid.BOOL_ARRAY) {
        @Override
        void writeValue(Object value, BinaryOutput out) {
            out.int4(1);
            out.int1((Boolean) value ? 1 : 0);
        }
    };

    /** From 1970 to 2000, where the server begins to count. */
    private static final long SECONDS_UNTIL_2000 = 946_684_800;

    /** Later than the server takes, and earlier: it refuses both, and takes what lies further for infinite. */
    private static final long MOST_SECONDS = 9_223_372_000_000L;

    private final int oid;
    private final int arrayOid;

    BinaryType(int oid, int arrayOid) {
        this.oid = oid;
        this.arrayOid = arrayOid;
    }

    /** By which the server knows it. */
    int oid() {
        return oid;
    }

    /** By which the server knows arrays of it. */
    int arrayOid() {
        return arrayOid;
    }

    /** Writes the length and the bytes of {@code value}; of null the length alone. */
    final void write(@Nullable Object value, BinaryOutput out) {
        if (value == null) {
            out.int4(-1);
        } else {
            writeValue(value, out);
        }
    }

    abstract void writeValue(Object value, BinaryOutput out);

    private static long microsSince2000(Instant time) {
        var seconds = Math.clamp(time.getEpochSecond() - SECONDS_UNTIL_2000, -MOST_SECONDS, MOST_SECONDS);
        return seconds * 1_000_000 + time.getNano() / 1_000;
    }
}
