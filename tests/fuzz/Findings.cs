using System.Collections.Concurrent;

namespace IotPlatform.Fuzz;

/// <summary>What must not have happened, from all threads.</summary>
internal sealed class Findings
{
    private const int KeptMax = 100;

    private readonly ConcurrentQueue<string> _kept = new();
    private long _exceptions;

    public long Exceptions => Interlocked.Read(ref _exceptions);

    public IReadOnlyList<string> All => [.. _kept];

    public void Add(string what)
    {
        if (_kept.Count < KeptMax)
        {
            _kept.Enqueue(what);
        }
    }

    public void AddException(string where, Exception? exception)
    {
        Interlocked.Increment(ref _exceptions);
        Add($"{where}: {exception}");
    }
}
