using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>One product's broadcasts do not starve another's.</summary>
public sealed class BroadcastTurnsTests : IDisposable
{
    private readonly GatewayInstruments _instruments = new();
    private readonly BroadcastTurns _turns;
    private readonly List<string> _parts = [];
    private readonly TaskCompletionSource _begin = new();

    public BroadcastTurnsTests() => _turns = new BroadcastTurns(writersMax: 1, _instruments);

    [Fact]
    public async Task Products_TakeTurns_AndEachKeepsItsOrder()
    {
        // Nothing is done before all is there.
        var first = Add("a", "a1", parts: 3);
        Add("a", "a2", parts: 1);
        Add("b", "b1", parts: 2);
        var last = Add("b", "b2", parts: 1);
        _begin.SetResult();
        await Task.WhenAll(first.Done, last.Done).InTimeAsync();
        await Patience.UntilAsync(() => Parts.Length == 7);
        Assert.Equal(["a1", "b1", "a1", "b1", "a1", "b2", "a2"], Parts);
    }

    [Fact]
    public async Task Work_ThatFails_IsToldSo_AndTheOthersGoOn()
    {
        _begin.SetResult();
        var failing = Add("a", "a1", parts: 1, failure: new InvalidOperationException());
        var next = Add("a", "a2", parts: 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.Done.InTimeAsync());
        await next.Done.InTimeAsync();
    }

    [Fact]
    public async Task Work_ThatComesWhenAllIsDone_IsDone()
    {
        _begin.SetResult();
        for (var i = 0; i < 100; i++)
        {
            await Add("a", "a", parts: 1).Done.InTimeAsync();
        }
    }

    [Fact]
    public async Task Work_UntilItIsDoneOrFails_IsCounted_AndSoAreItsProducts()
    {
        using var queue = new InstrumentSum(_instruments, "iot.gateway.broadcasts.queue");
        using var products = new InstrumentSum(_instruments, "iot.gateway.broadcasts.products");
        Add("a", "a1", parts: 2);
        Add("a", "a2", parts: 1);
        Add("b", "b1", parts: 1, failure: new InvalidOperationException());
        Assert.Equal((3, 2), (queue.Value, products.Value));

        _begin.SetResult();
        await Patience.UntilAsync(() => (queue.Value, products.Value) == (0, 0));
    }

    [Fact]
    public async Task Shards_AreWrittenAtTheSameTime_AsManyAsMayBe_AndEachLineByOne()
    {
        var turns = new BroadcastTurns(writersMax: 2, _instruments);
        var works = new List<MeetingWork>();
        var meeting = new Barrier(2);
        foreach (var shard in new[] { "s1", "s2" })
        {
            for (var i = 0; i < 10; i++)
            {
                works.Add(new MeetingWork(meeting));
                turns.Add(shard, "a", works[^1]);
            }
        }

        // Each part waits for one of the other shard: they would not end one after the other.
        await Task.WhenAll(works.Select(static work => work.Done)).InTimeAsync();
    }

    public void Dispose() => _instruments.Dispose();

    private string[] Parts
    {
        get
        {
            lock (_parts)
            {
                return [.. _parts];
            }
        }
    }

    private CountedWork Add(string productKey, string name, int parts, Exception? failure = null)
    {
        var work = new CountedWork(this, name, parts, failure);
        _turns.Add(this, productKey, work);
        return work;
    }

    private sealed class CountedWork(BroadcastTurnsTests test, string name, int parts, Exception? failure) : IBroadcastWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = parts;

        public Task Done => _done.Task;

        public bool DoPart()
        {
            test._begin.Task.Wait();
            if (failure is not null)
            {
                throw failure;
            }

            lock (test._parts)
            {
                test._parts.Add(name);
            }

            if (--_left > 0)
            {
                return false;
            }

            _done.SetResult();
            return true;
        }

        public void Fail(Exception exception) => _done.SetException(exception);
    }

    private sealed class MeetingWork(Barrier meeting) : IBroadcastWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public bool DoPart()
        {
            Assert.True(meeting.SignalAndWait(TimeSpan.FromSeconds(20)), "The other shard's part did not come.");
            _done.SetResult();
            return true;
        }

        public void Fail(Exception exception) => _done.SetException(exception);
    }
}
