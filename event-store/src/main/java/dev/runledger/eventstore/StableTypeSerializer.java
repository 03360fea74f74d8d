package dev.runledger.eventstore;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.AnnotationRevisionResolver;
import org.axonframework.serialization.SerializationException;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.axonframework.serialization.jackson3.MetaDataDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Writes JSON under names that stay when classes are renamed or moved.
 *
 * <p>Registered classes have their stored name, with the revision of Axon's {@code @Revision}; all others,
 * as Axon's metadata and tokens, have their class name. A stored name that neither the registry nor the
 * class path knows is an error, not a payload to skip.
 */
public final class StableTypeSerializer extends Jackson3Serializer {

    private final JsonMapper mapper;
    private final Map<Class<?>, String> names;
    private final Map<Class<?>, SerializedType> types = new HashMap<>();
    private final Map<String, Class<?>> classes;
    private final boolean readsUnknown;
    private final ObjectWriter writer;

    /** Of the classes that were read so far: the log's and Axon's. To find one takes longer than a small event. */
    private final Map<Class<?>, ObjectReader> readers = new ConcurrentHashMap<>();

    /** What was found by stored names that are classes' own. */
    private final Map<String, Class<?>> onClassPath = new ConcurrentHashMap<>();

    /**
     * @param mapper how values are written; Axon's metadata is added to it
     * @param names  the stored name of each class
     * @throws IllegalArgumentException when two classes have the same name
     */
    public StableTypeSerializer(JsonMapper mapper, Map<Class<?>, String> names) {
        this(mapper, names, false);
    }

    private StableTypeSerializer(JsonMapper mapper, Map<Class<?>, String> names, boolean readsUnknown) {
        super(Jackson3Serializer.builder().revisionResolver(new AnnotationRevisionResolver()));
        this.mapper = mapper.rebuild()
                .addModule(new SimpleModule("axon").addDeserializer(MetaData.class, new MetaDataDeserializer()))
                .build();
        this.writer = this.mapper.writer();
        this.names = Map.copyOf(names);
        this.readsUnknown = readsUnknown;
        this.classes = HashMap.newHashMap(names.size());
        names.forEach((type, name) -> {
            Class<?> other = classes.put(name, type);
            if (other != null) {
                throw new IllegalArgumentException(type + " and " + other + " have the same stored name, " + name);
            }
            types.put(type, new SimpleSerializedType(name, getRevisionResolver().revisionOf(type)));
        });
    }

    /** The same, but what has a name that nobody knows reads as an {@link UnknownSerializedType}. */
    StableTypeSerializer readingUnknown() {
        return new StableTypeSerializer(mapper, names, true);
    }

    @Override
    public SerializedType typeForClass(@Nullable Class type) {
        SerializedType known = type == null ? null : types.get(type);
        return known == null ? super.typeForClass(type) : known;
    }

    /** @throws SerializationException when nothing has that name */
    @Override
    public Class<?> classForType(SerializedType type) {
        Class<?> registered = classes.get(type.getName());
        if (registered != null) {
            return registered;
        }
        Class<?> known = onClassPath.get(type.getName());
        if (known != null) {
            return known;
        }
        Class<?> found = super.classForType(type);
        if (found == UnknownSerializedType.class && !readsUnknown) {
            throw new SerializationException("the stored type name '" + type.getName() + "' (revision "
                    + type.getRevision() + ") is neither registered nor a class");
        }
        if (found != UnknownSerializedType.class) {
            onClassPath.put(type.getName(), found);
        }
        return found;
    }

    @Override
    protected ObjectWriter getWriter() {
        return writer;
    }

    @Override
    protected ObjectReader getReader(Class<?> type) {
        return readers.computeIfAbsent(type, mapper::readerFor);
    }
}
