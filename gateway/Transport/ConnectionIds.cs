namespace IotPlatform.Transport;

/// <summary>Numbers the connections of this process, from 1, across all transports.</summary>
internal static class ConnectionIds
{
    private static long s_last;

    public static long Next() => Interlocked.Increment(ref s_last);
}
