package dev.runledger.eventstore;

/** Which texts PostgreSQL keeps exactly, as UTF-8 and as {@code json}. */
final class Text {

    private Text() {}

    /** Whether the text has neither a NUL nor half of a surrogate pair. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /**
     * Whether the JSON text is storable and stays so when its strings are unescaped: {@code json} takes
     * an escaped NUL or lone surrogate, but fails as soon as a query asks for a field with {@code ->>}.
     *
     * @param json well-formed JSON
     */
    static boolean isStorableJson(String json) {
        if (!isStorable(json)) {
            return false;
        }
        for (int i = json.indexOf('\\'); i >= 0; i = json.indexOf('\\', i)) {
            if (json.charAt(i + 1) != 'u') {
                i += 2;
                continue;
            }
            char c = escaped(json, i);
            i += 6;
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && json.startsWith("\\u", i)
                        && Character.isLowSurrogate(escaped(json, i));
                if (!paired) {
                    return false;
                }
                i += 6;
            }
        }
        return true;
    }

    private static char escaped(String json, int backslash) {
        return (char) Integer.parseInt(json, backslash + 2, backslash + 6, 16);
    }
}
