package dev.runledger.app.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a run: its own, and settings of the server.
 *
 * @param help whether {@code -h} or {@code --help} is among them
 * @param own  the run's own {@code --name=value} by {@code --name}, flags with an empty value
 * @param settings the server's, as they are
 */
public record RunArguments(boolean help, Map<String, String> own, List<String> settings) {

    /**
     * @param flags of the run's own arguments, those without a value, such as {@code --replace}
     * @param options those with one, which is not empty, such as {@code --from}
     * @throws IllegalArgumentException naming an argument that is neither of these nor a setting
     */
    public static RunArguments of(Set<String> flags, Set<String> options, String... arguments) {
        Map<String, String> own = new TreeMap<>();
        var help = false;
        var settings = new ArrayList<String>();
        for (var argument : arguments) {
            var parts = argument.split("=", 2);
            if (argument.equals("-h") || argument.equals("--help")) {
                help = true;
            } else if (flags.contains(argument)) {
                own.put(argument, "");
            } else if (parts.length == 2 && options.contains(parts[0]) && !parts[1].isEmpty()) {
                own.put(parts[0], parts[1]);
            } else if (LogDatabase.isSetting(argument)) {
                settings.add(argument);
            } else {
                throw new IllegalArgumentException("Unknown argument: " + argument);
            }
        }
        return new RunArguments(help, own, settings);
    }

    /**
     * A position of the log; null when it is not given.
     *
     * @throws IllegalArgumentException when it is no number from 1 on
     */
    public @Nullable Long position(String name) {
        var text = own.get(name);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) < 1) {
            throw new IllegalArgumentException(name + " is a position, 1 or more, not " + text);
        }
        return Long.valueOf(text);
    }
}
