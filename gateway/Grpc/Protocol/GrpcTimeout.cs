namespace IotPlatform.Grpc.Protocol;

/// <summary>The <c>grpc-timeout</c> field: one to eight digits and a unit. [PROTOCOL-HTTP2 Timeout]</summary>
internal static class GrpcTimeout
{
    private const int DigitsMax = 8;

    /// <summary>Reads a field's value; nanoseconds are rounded up to ticks of 100 ns, so that a timeout never becomes shorter.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > DigitsMax + 1 || !TryParseDigits(text[..^1], out var value))
        {
            return false;
        }

        // Eight digits of hours are 3.6e18 ticks: no unit overflows.
        var ticks = text[^1] switch
        {
            'H' => value * TimeSpan.TicksPerHour,
            'M' => value * TimeSpan.TicksPerMinute,
            'S' => value * TimeSpan.TicksPerSecond,
            'm' => value * TimeSpan.TicksPerMillisecond,
            'u' => value * TimeSpan.TicksPerMicrosecond,
            'n' => (value + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick,
            _ => -1,
        };
        timeout = new TimeSpan(ticks);
        return ticks >= 0;
    }

    private static bool TryParseDigits(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
