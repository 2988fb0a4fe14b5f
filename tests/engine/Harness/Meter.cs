using System.Diagnostics;

namespace IotPlatform.Engine.Tests;

/// <summary>Counts how many are inside at once, and remembers the most.</summary>
public sealed class Meter
{
    private int _inside;
    private int _most;

    private long _lastEnd;
    private long _shortestPause = long.MaxValue;

    /// <summary>The shortest time seen between the end of one visit and the start of the next.</summary>
    public TimeSpan ShortestPause => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _shortestPause));

    public int Most => Volatile.Read(ref _most);

    public void Enter()
    {
        var inside = Interlocked.Increment(ref _inside);
        var most = Most;
        while (inside > most)
        {
            most = Interlocked.CompareExchange(ref _most, inside, most);
        }
    }

    /// <summary>Notes the time of a start; for visitors that never overlap.</summary>
    public void MarkStart(long timestamp)
    {
        if (_lastEnd != 0)
        {
            Interlocked.Exchange(ref _shortestPause, Math.Min(_shortestPause, timestamp - _lastEnd));
        }
    }

    /// <summary>Notes the time of an end.</summary>
    public void MarkEnd(long timestamp) => _lastEnd = timestamp;

    public void Exit() => Interlocked.Decrement(ref _inside);

    /// <summary>Stays inside for some microseconds, long enough for a second one to be noticed.</summary>
    public void Visit()
    {
        Enter();
        Thread.SpinWait(1000);
        Exit();
    }
}
