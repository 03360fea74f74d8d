package dev.runledger.app.web;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Sends a request exactly as written, also one that no client library would send. */
public record RawHttp(int port) {

    /** A request on a connection of its own; {@code Host} and {@code Connection} are added. */
    public Answer send(String method, String path, String headers, String body) {
        return raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n" + headers + "\r\n" + body);
    }

    public Answer get(String path, String... headers) {
        return send("GET", path, headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n", "");
    }

    public Answer raw(String request) {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return Answer.parse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    public record Answer(int status, String headers, String body) {

        static Answer parse(String text) {
            int end = text.indexOf("\r\n\r\n");
            return new Answer(
                    Integer.parseInt(text.split(" ", 3)[1]),
                    text.substring(0, end).toLowerCase(Locale.ROOT),
                    text.substring(end + 4));
        }
    }
}
