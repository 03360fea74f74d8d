package dev.runledger.command.batch;

import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends results to the client on a thread of its own, as far as the client takes them. */
final class Sender implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);

    private final ResultSpool spool;
    private final Thread thread;

    private Sender(ResultSpool spool, OutputStream out, Runnable onClientGone) {
        this.spool = spool;
        this.thread = Thread.ofVirtual().name("batch-results").unstarted(() -> {
            try {
                spool.copyTo(out);
            } catch (IOException e) {
                LOG.debug("The client of a batch does not take its results", e);
                onClientGone.run();
            } catch (RuntimeException | Error e) {
                LOG.error("The results of a batch cannot be sent", e);
                onClientGone.run();
            }
        });
    }

    /** @param onClientGone run once when results cannot be sent any more */
    static Sender start(ResultSpool spool, OutputStream out, Runnable onClientGone) {
        var sender = new Sender(spool, out, onClientGone);
        sender.thread.start();
        return sender;
    }

    /** Waits until everything in the spool is sent, after which nothing more may be added. */
    void finish() throws InterruptedException {
        spool.end();
        thread.join();
    }

    /** Gives up what is not sent yet; returns when the response is no longer written to. */
    @Override
    public void close() throws IOException {
        spool.close();
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
