using System.Collections.Concurrent;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Hosting;

/// <summary>Ids that grow and differ.</summary>
public sealed class MessageIdsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Ids_AreUniqueAndGrow_AlsoBeyondTheCountOfAMillisecond()
    {
        var ids = new MessageIds(_time, 1);
        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next()).ToArray();
        Assert.True(made[0] > 0);
        Assert.All(made.Zip(made.Skip(1)), static pair => Assert.True(pair.First < pair.Second));
    }

    [Fact]
    public void Ids_WhenTheClockStepsBack_GoOnGrowing()
    {
        var ids = new MessageIds(_time, 1);
        var before = ids.Next();
        _time.SetUtcNow(_time.GetUtcNow().AddDays(-3));
        var after = ids.Next();
        Assert.True(after > before);
        _time.SetUtcNow(_time.GetUtcNow().AddDays(6));
        Assert.True(ids.Next() > after);
    }

    [Fact]
    public void Ids_OfTwoProcesses_NeverMeet()
    {
        var a = new MessageIds(_time, 1);
        var b = new MessageIds(_time, 2);
        var made = Enumerable.Range(0, 5_000).SelectMany(_ => new[] { a.Next(), b.Next() }).ToHashSet();
        Assert.Equal(10_000, made.Count);
    }

    [Fact]
    public void Ids_GrowWithTime_AcrossProcesses()
    {
        var earlier = new MessageIds(_time, 1023).Next();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(new MessageIds(_time, 0).Next() > earlier);
    }

    [Fact]
    public void Ids_MadeByManyThreads_AreUnique()
    {
        var ids = new MessageIds(_time, 1);
        var made = new ConcurrentDictionary<long, bool>();
        Parallel.For(0, 20_000, _ => Assert.True(made.TryAdd(ids.Next(), true)));
    }

    [Fact]
    public void ProcessNumber_FitsIntoTenBits() =>
        Assert.All(Enumerable.Range(0, 1_000), static _ => Assert.InRange(MessageIds.DrawProcessNumber(), 0, 1023));

    [Fact]
    public void NextAfter_AnIdFromAClockThatIsAhead_IsFollowedByLargerOnes()
    {
        var time = new ManualTime();
        var ids = new MessageIds(time, 1);
        time.Advance(TimeSpan.FromMinutes(1));
        var ahead = new MessageIds(time, 2).Next();
        time.SetUtcNow(time.GetUtcNow() - TimeSpan.FromMinutes(1));

        long[] following = [ids.NextAfter(ahead), ids.NextAfter(ahead), ids.Next()];
        Assert.True(ahead < following[0] && following[0] < following[1] && following[1] < following[2], $"{ahead}: {string.Join(", ", following)}");
    }
}
