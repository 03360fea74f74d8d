package dev.runledger.benchmark;

/** Something that is measured, with everything that it is compared to. */
interface Scenario {

    /** What to ask for it with. */
    String name();

    /** Tells the report what it finds, line by line. */
    void measure(Lab lab, Report report) throws Exception;
}
