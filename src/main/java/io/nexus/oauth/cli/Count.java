package io.nexus.oauth.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how many items a person wants: 1 or more. With 0 a list would look empty. */
final class Count implements ITypeConverter<Long> {

    @Override
    public Long convert(String text) {
        try {
            long count = Long.parseLong(text);
            if (count >= 1) {
                return count;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new TypeConversionException("must be a whole number from 1 on");
    }
}
