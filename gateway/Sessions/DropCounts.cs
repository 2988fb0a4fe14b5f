using System.Collections.Immutable;
using IotPlatform.Clients;
using IotPlatform.Delivery;

namespace IotPlatform.Sessions;

/// <summary>How many messages of one session were dropped, by reason. A mutable struct: a part of its session, and empty as a rule.</summary>
internal struct DropCounts
{
    private long[]? _counts;

    public readonly bool HasAny => _counts is not null;

    /// <summary>May be called from anywhere.</summary>
    public void Add(string reason, long count)
    {
        var counts = Volatile.Read(ref _counts);
        if (counts is null)
        {
            var made = new long[DropReason.All.Length];
            counts = Interlocked.CompareExchange(ref _counts, made, null) ?? made;
        }

        Interlocked.Add(ref counts[Array.IndexOf(DropReason.All, reason)], count);
    }

    /// <summary>Those that there are.</summary>
    public readonly ImmutableArray<DropCount> ToCounts()
    {
        if (_counts is not { } counts)
        {
            return [];
        }

        var found = ImmutableArray.CreateBuilder<DropCount>();
        for (var i = 0; i < counts.Length; i++)
        {
            if (Interlocked.Read(ref counts[i]) is > 0 and var count)
            {
                found.Add(new DropCount(DropReason.All[i], count));
            }
        }

        return found.ToImmutable();
    }
}
