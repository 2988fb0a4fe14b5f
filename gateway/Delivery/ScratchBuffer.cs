namespace IotPlatform.Delivery;

/// <summary>A buffer of the thread, in which packets are put together on their way into a socket. Holds nothing between two uses.</summary>
internal static class ScratchBuffer
{
    private const int BytesMin = 64 * 1024;

    /// <summary>A thread keeps no more than this; a larger packet gets a buffer of its own.</summary>
    private const int BytesKeptMax = 1024 * 1024;

    [ThreadStatic]
    private static byte[]? t_buffer;

    /// <summary>At least <paramref name="bytes"/> long, with whatever is in it.</summary>
    public static byte[] Get(int bytes = BytesMin)
    {
        if (t_buffer is { } buffer && buffer.Length >= bytes)
        {
            return buffer;
        }

        var larger = new byte[Math.Max(BytesMin, bytes)];
        if (larger.Length <= BytesKeptMax)
        {
            t_buffer = larger;
        }

        return larger;
    }
}
