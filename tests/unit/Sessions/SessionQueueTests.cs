using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What waits for one session, and in what order it is sent.</summary>
public sealed class SessionQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SessionQueue _queue = new();
    private SessionBounds _bounds = new(MessagesMax: 3, BytesMax: 100, DropsOldest: false);
    private long _last;

    [Fact]
    public void Messages_AreSentInTheirOrder_AsManyAsTheClientTakes()
    {
        AddMany(3);
        Assert.Equal([1, 2], TakeAll(receiveMaximum: 2));
        Assert.Equal(2, _queue.SentCount);
        Assert.NotNull(_queue.Remove(2));
        Assert.Equal([3], TakeAll(receiveMaximum: 2));
    }

    [Fact]
    public void Messages_AfterAConnectionIsGone_AreSentAgainAsDuplicates()
    {
        AddMany(3);
        TakeAll(receiveMaximum: 2);
        _queue.Unsend(wasTaken: true);
        Assert.Equal([1, 2, 3], TakeAll(receiveMaximum: 5));
        Assert.Equal([true, true, false], _queue.Messages.Select(static message => message.IsDuplicate));
    }

    [Fact]
    public void Messages_ThatTheGatewayDidNotTake_AreNoDuplicates()
    {
        AddMany(1);
        TakeAll(receiveMaximum: 2);
        _queue.Unsend(wasTaken: false);
        Assert.False(_queue.Messages[0].IsDuplicate);
    }

    [Fact]
    public void Message_TooMany_IsDropped()
    {
        AddMany(3);
        Assert.False(TryAdd(1));
        Assert.Equal((3, 30), (_queue.Count, _queue.Bytes));
    }

    [Fact]
    public void Message_TooMany_WhereTheOldestGo_DropsThemUntilThereIsRoom()
    {
        _bounds = new SessionBounds(3, 30, DropsOldest: true);
        AddMany(3);
        Assert.True(TryAdd(20, out var dropped));
        Assert.Equal([1, 2], dropped!.Select(static message => message.Sequence));
        Assert.Equal((2, 30), (_queue.Count, _queue.Bytes));
    }

    [Fact]
    public void Message_TooMany_NeverDropsWhatIsBeingSent()
    {
        _bounds = new SessionBounds(1, 100, DropsOldest: true);
        AddMany(1);
        Assert.Equal([1], TakeAll(receiveMaximum: 1));
        Assert.True(TryAdd(10, out var dropped));
        Assert.Null(dropped);
        Assert.True(TryAdd(10, out dropped));
        Assert.Equal(2, Assert.Single(dropped!).Sequence);
        Assert.Equal([1, 3], _queue.Messages.Select(static message => message.Sequence));
    }

    [Fact]
    public void Message_OfASessionThatHasEnded_IsNotThereToBeRemoved()
    {
        AddMany(2);
        TakeAll(receiveMaximum: 1);
        _queue.Clear();
        Assert.Null(_queue.Remove(1));
        Assert.Equal((0, 0, 0), (_queue.Count, _queue.SentCount, _queue.Bytes));
    }

    // [MQTT-4.4.0-1]
    [Fact]
    public void Message_TooMany_NeverDropsWhatAnEarlierConnectionWasSent()
    {
        _bounds = new SessionBounds(3, 100, DropsOldest: true);
        AddMany(3);
        Assert.Equal([1, 2], TakeAll(receiveMaximum: 2));
        _queue.Unsend(wasTaken: true);
        Assert.True(TryAdd(10, out var dropped));
        Assert.Equal(3, Assert.Single(dropped!).Sequence);
        Assert.Equal([1, 2, 4], _queue.Messages.Select(static message => message.Sequence));
    }

    [Fact]
    public void Message_LargerThanTheBound_IsDropped()
    {
        _bounds = new SessionBounds(3, 30, DropsOldest: true);
        AddMany(2);
        Assert.False(TryAdd(31, out var dropped));
        Assert.Equal(2, dropped!.Count);
    }

    [Fact]
    public void Expired_MakesRoom_AndIsNotSent()
    {
        Add(10, Now.AddSeconds(-1));
        AddMany(2);
        Assert.True(TryAdd(10, out var dropped));
        Assert.Equal(1, Assert.Single(dropped!).Sequence);

        Add(10, Now.AddSeconds(-1), isForced: true);
        List<QueuedMessage>? expired = null;
        while (_queue.TakeNext(10, Now, ref expired) is not null)
        {
        }

        Assert.Single(expired!);
    }

    [Fact]
    public void Expired_AfterItWasSent_IsCarriedThrough()
    {
        Add(10, Now.AddSeconds(1));
        Assert.Equal([1], TakeAll(receiveMaximum: 1));
        _queue.Unsend(wasTaken: true);
        List<QueuedMessage>? expired = null;
        Assert.NotNull(_queue.TakeNext(1, Now.AddSeconds(2), ref expired));
        Assert.Null(expired);
    }

    [Fact]
    public void Messages_TooFarApart_WaitForTheFirst_SoThatPacketIdentifiersStayDistinct()
    {
        AddMany(1);
        _last = 1 + SessionQueue.SpanMax;
        Add(10, null);
        Assert.Equal([1], TakeAll(receiveMaximum: 10));
        _queue.Remove(1);
        Assert.Single(TakeAll(receiveMaximum: 10));
    }

    [Fact]
    public void Unloaded_IsNotSentBeforeItIsLoaded_AndWhatTheStoreLacksIsGone()
    {
        AddMany(2);
        _queue.Unload();
        Assert.False(_queue.IsLoaded);
        Assert.Empty(TakeAll(receiveMaximum: 10));
        AddMany(1);
        var lost = _queue.Load(new Dictionary<long, StoredCopy> { [2] = Copy(10, null) });
        Assert.Equal(1, Assert.Single(lost).Sequence);
        Assert.Equal([2, 3], TakeAll(receiveMaximum: 10));
        Assert.Equal(20, _queue.Bytes);
    }

    [Fact]
    public void Unload_KeepsWhatIsNotDurableYet()
    {
        AddMany(2);
        _queue.Messages[1].Stored = new TaskCompletionSource().Task;
        _queue.Unload();
        Assert.Equal([true, false], _queue.Messages.Select(static message => message.Copy is null));
    }

    private static StoredCopy Copy(int bytes, DateTimeOffset? expiresAt) =>
        new(new SessionMessage("t"u8.ToArray(), new byte[bytes - 1], default, 1, IsRetain: false, 0, expiresAt), 1, IsRetain: false, default, Share: null);

    private List<long> TakeAll(int receiveMaximum)
    {
        var taken = new List<long>();
        List<QueuedMessage>? expired = null;
        while (_queue.TakeNext(receiveMaximum, Now, ref expired) is { } message)
        {
            taken.Add(message.Sequence);
        }

        return taken;
    }

    private void AddMany(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(TryAdd(10));
        }
    }

    private void Add(int bytes, DateTimeOffset? expiresAt, bool isForced = false)
    {
        var bounds = isForced ? new SessionBounds(100, 1_000, DropsOldest: false) : _bounds;
        Assert.True(_queue.TryAdd(Message(bytes, expiresAt), bounds, Now.AddDays(-1), out _));
    }

    private bool TryAdd(int bytes) => TryAdd(bytes, out _);

    private bool TryAdd(int bytes, out List<QueuedMessage>? dropped) => _queue.TryAdd(Message(bytes, null), _bounds, Now, out dropped);

    private QueuedMessage Message(int bytes, DateTimeOffset? expiresAt) =>
        new(++_last, new QueuedHead(1, bytes, 0, expiresAt, IsReleased: false, MayHaveBeenSent: false)) { Copy = Copy(bytes, expiresAt) };
}
