namespace IotPlatform;

/// <summary>
/// Makes 64-bit ids that are positive, grow with time, and differ between processes: 41 bits of milliseconds since 2024, 12 bits of count within the
/// millisecond, 10 bits that name the process.
/// </summary>
public sealed class MessageIds(TimeProvider time, int processNumber)
{
    private const int ProcessBits = 10;
    private const int CountBits = 12;

    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _last;

    /// <summary>A process number for <see cref="MessageIds"/>, drawn at random.</summary>
    public static int DrawProcessNumber() => Random.Shared.Next(1 << ProcessBits);

    /// <summary>
    /// The next id, larger than <paramref name="id"/>, which may come from a process whose clock is ahead. Those that follow are larger still: no two are the same,
    /// whoever forgets the first of them.
    /// </summary>
    public long NextAfter(long id)
    {
        var count = id >> ProcessBits;
        for (var last = Volatile.Read(ref _last); last < count; last = Volatile.Read(ref _last))
        {
            Interlocked.CompareExchange(ref _last, count, last);
        }

        return Next();
    }

    /// <summary>The next id. When the clock steps back, or a millisecond's count is used up, it goes on from the last one.</summary>
    public long Next()
    {
        var now = (long)(time.GetUtcNow() - Epoch).TotalMilliseconds << CountBits;
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return (next << ProcessBits) | (uint)(processNumber & ((1 << ProcessBits) - 1));
            }
        }
    }
}
