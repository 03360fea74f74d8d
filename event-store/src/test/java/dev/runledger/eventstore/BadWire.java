package dev.runledger.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.runledger.eventstore.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wire to the server that goes wrong when a commit passes, or falls silent. It understands as much of
 * PostgreSQL's protocol as it takes to tell where a commit begins, and that it is done.
 */
final class BadWire implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(BadWire.class);

    private static final int WIRE_BYTES = 64 << 10;

    /** What happens to a commit. */
    enum Fault {
        NONE,
        /** The server commits, the connection breaks before it can say so. */
        ANSWER_LOST,
        /** So it does, and there are no more connections either. */
        ANSWER_LOST_AND_SERVER_AWAY,
        /** The server commits, and nothing more is heard of it. */
        ANSWER_NEVER_COMES,
        /** The server stops reading before it has the events, and nothing more is heard of it. */
        CLOGGED,
        /** The connection breaks before the server knows of the commit. */
        COMMIT_LOST,
        /** The writer's connection breaks, while the commit is still on its way: see {@link #deliver}. */
        COMMIT_UNDER_WAY
    }

    private final ServerSocket listening;
    private final URI server;
    private final String database;
    private final TestDatabase login;
    private final AtomicReference<Fault> fault = new AtomicReference<>(Fault.NONE);
    private final AtomicInteger times = new AtomicInteger();
    private final AtomicInteger happened = new AtomicInteger();
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final CountDownLatch delivery = new CountDownLatch(1);
    private volatile boolean delivered;
    private volatile boolean down;

    BadWire(TestDatabase database) {
        this.login = database;
        this.server = URI.create(database.url().substring("jdbc:".length()));
        this.database = server.getPath().substring(1);
        try {
            this.listening = new ServerSocket();
            // So that what nobody reads soon fills the wire.
            listening.setReceiveBufferSize(WIRE_BYTES);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::listen);
    }

    /** Connections of the application's login that go over this wire, each time a new one. */
    DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL("jdbc:postgresql://" + listening.getInetAddress().getHostAddress() + ":"
                + listening.getLocalPort() + "/" + database);
        source.setUser(login.applicationUser());
        source.setPassword(login.applicationPassword());
        source.setSslMode("disable");
        source.setGssEncMode("disable");
        source.setPrepareThreshold(0);
        source.setSendBufferSize(WIRE_BYTES);
        return source;
    }

    /** The next commits go wrong. */
    void breakCommits(Fault wrong, int howMany) {
        times.set(howMany);
        fault.set(wrong);
    }

    /** From here on nothing passes on the connections that there are, though they stay open. New ones are well. */
    void silence() {
        lines.forEach(line -> line.silent = true);
    }

    /** How many commits went wrong so far. */
    int broken() {
        return happened.get();
    }

    /** Lets the server have the commit that is under way, or breaks its connection. */
    void deliver(boolean commit) {
        delivered = commit;
        delivery.countDown();
    }

    @Override
    public void close() {
        down();
        delivery.countDown();
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                if (down) {
                    close(client);
                    continue;
                }
                new Line(client, new Socket(server.getHost(), server.getPort())).start();
            } catch (IOException e) {
                logger.debug("The wire takes no more connections", e);
            }
        }
    }

    private void down() {
        down = true;
        lines.forEach(Line::close);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            logger.debug("A socket could not be closed", e);
        }
    }

    /** One connection. */
    private final class Line {

        private final Socket client;
        private final Socket server;
        private final CountDownLatch committed = new CountDownLatch(1);
        private volatile Fault wrong = Fault.NONE;
        private volatile boolean silent;

        Line(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void start() {
            lines.add(this);
            Thread.ofVirtual().start(() -> run(this::passQuestions));
            Thread.ofVirtual().start(() -> run(this::passAnswers));
        }

        private void run(Direction direction) {
            try {
                direction.pass();
            } catch (IOException e) {
                logger.debug("A connection broke", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                end();
            }
        }

        private void passQuestions() throws IOException, InterruptedException {
            DataInputStream from = new DataInputStream(client.getInputStream());
            DataOutputStream to = new DataOutputStream(server.getOutputStream());
            int startup = from.readInt();
            to.writeInt(startup);
            to.write(from.readNBytes(startup - Integer.BYTES));
            for (Message message = Message.read(from); ; message = Message.read(from)) {
                if (silent) {
                    continue;
                }
                if (isTheOne(message) && times.getAndDecrement() > 0) {
                    wrong = fault.get();
                    happened.incrementAndGet();
                }
                switch (wrong) {
                    case NONE, ANSWER_LOST, ANSWER_LOST_AND_SERVER_AWAY, ANSWER_NEVER_COMES -> message.write(to);
                    case COMMIT_LOST -> {
                        return;
                    }
                    case CLOGGED -> {
                        delivery.await();
                        return;
                    }
                    case COMMIT_UNDER_WAY -> {
                        ByteArrayOutputStream kept = new ByteArrayOutputStream();
                        DataOutputStream keeping = new DataOutputStream(kept);
                        message.write(keeping);
                        while (!message.isSync()) {
                            message = Message.read(from);
                            message.write(keeping);
                        }
                        BadWire.close(client);
                        delivery.await();
                        if (delivered) {
                            to.write(kept.toByteArray());
                            committed.await();
                        }
                        return;
                    }
                }
            }
        }

        /** A commit comes after the events that it is about. */
        private boolean isTheOne(Message message) {
            return fault.get() == Fault.CLOGGED ? message.isInsert() : message.isCommit();
        }

        private void passAnswers() throws IOException, InterruptedException {
            DataInputStream from = new DataInputStream(server.getInputStream());
            DataOutputStream to = new DataOutputStream(client.getOutputStream());
            for (Message message = Message.read(from); ; message = Message.read(from)) {
                if (silent) {
                    continue;
                }
                switch (wrong) {
                    case NONE -> message.write(to);
                    case ANSWER_LOST -> {
                        if (message.isCommitted()) {
                            return;
                        }
                    }
                    case ANSWER_LOST_AND_SERVER_AWAY -> {
                        if (message.isCommitted()) {
                            down();
                            return;
                        }
                    }
                    case COMMIT_UNDER_WAY -> {
                        if (message.isCommitted()) {
                            committed.countDown();
                        }
                    }
                    case ANSWER_NEVER_COMES, CLOGGED, COMMIT_LOST -> {}
                }
            }
        }

        private void end() {
            if (wrong != Fault.COMMIT_UNDER_WAY || delivery.getCount() == 0) {
                close();
            }
        }

        private void close() {
            BadWire.close(client);
            BadWire.close(server);
            lines.remove(this);
        }
    }

    private interface Direction {
        void pass() throws IOException, InterruptedException;
    }

    private record Message(byte type, byte[] body) {

        static Message read(DataInputStream from) throws IOException {
            byte type = from.readByte();
            int length = from.readInt();
            return new Message(type, from.readNBytes(length - Integer.BYTES));
        }

        void write(DataOutputStream to) throws IOException {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(whole);
            data.writeByte(type);
            data.writeInt(body.length + Integer.BYTES);
            data.write(body);
            to.write(whole.toByteArray());
            to.flush();
        }

        /** A statement to be parsed, as the writer sends it. */
        boolean isCommit() {
            return type == 'P' && new String(body, UTF_8).contains("commit");
        }

        /** The statement with the events, to be parsed; they follow it. */
        boolean isInsert() {
            return type == 'P' && new String(body, UTF_8).contains("insert into event_log.event");
        }

        boolean isSync() {
            return type == 'S';
        }

        /** The server's word that a commit is done. */
        boolean isCommitted() {
            return type == 'C' && new String(body, UTF_8).startsWith("COMMIT");
        }
    }
}
