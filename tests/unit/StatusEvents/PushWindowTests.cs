using IotPlatform.Devices;
using IotPlatform.StatusEvents;

namespace IotPlatform.Unit.Tests.StatusEvents;

/// <summary>How far all events have been taken.</summary>
public sealed class PushWindowTests
{
    private static readonly StatusEventPosition Begin = At(10);

    private readonly PushWindow _window = new(Begin);

    [Fact]
    public void Window_WithoutEvents_IsWhereItWasReadTo()
    {
        Assert.Equal((Begin, Begin, 0), (_window.TakenTo, _window.ReadTo, _window.Count));

        // What others are told of is passed by.
        Assert.Empty(_window.Add(Batch(20)));
        Assert.Equal((At(20), At(20), 0), (_window.TakenTo, _window.ReadTo, _window.Count));
    }

    [Fact]
    public void Event_ThatWasNotTaken_HoldsThePosition()
    {
        var added = _window.Add(Batch(20, 11, 13, 15));
        Assert.Equal((Begin, At(20), 3), (_window.TakenTo, _window.ReadTo, _window.Count));

        _window.Taken(added[1]);
        Assert.Equal((Begin, 3), (_window.TakenTo, _window.Count));

        _window.Taken(added[0]);
        Assert.Equal((At(13), 1), (_window.TakenTo, _window.Count));

        _window.Taken(added[2]);
        Assert.Equal((At(20), 0), (_window.TakenTo, _window.Count));
    }

    [Fact]
    public void Events_ReadBehindAHole_DoNotMoveThePosition()
    {
        var first = _window.Add(Batch(20, 11, 12));
        var second = _window.Add(Batch(30, 21));
        _window.Taken(second[0]);
        _window.Taken(first[0]);
        Assert.Equal((At(11), At(30), 2), (_window.TakenTo, _window.ReadTo, _window.Count));

        _window.Taken(first[1]);
        Assert.Equal((At(30), 0), (_window.TakenTo, _window.Count));
    }

    [Fact]
    public void EventsAfterAWindowThatWasEmpty_HoldThePositionThatItHad()
    {
        _window.Add(Batch(20));
        _window.Taken(_window.Add(Batch(30, 25))[0]);
        Assert.Equal(At(30), _window.TakenTo);
        var added = _window.Add(Batch(40, 35));
        Assert.Equal(At(30), _window.TakenTo);
        _window.Taken(added[0]);
        Assert.Equal(At(40), _window.TakenTo);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Events_TakenInAnyOrder_NeverLeaveAHoleBehind(int seed)
    {
        var random = new Random(seed);
        var waiting = new List<PushedEvent>();
        var all = new List<PushedEvent>();
        var next = 11;
        for (var step = 0; step < 1_000; step++)
        {
            if (waiting.Count == 0 || random.Next(4) == 0)
            {
                var pages = Enumerable.Range(next, random.Next(5)).ToArray();
                next += pages.Length + 1;
                var added = _window.Add(Batch(next - 1, pages));
                waiting.AddRange(added);
                all.AddRange(added);
                Assert.Equal(pages.Length, added.Count);
                continue;
            }

            var taken = random.Next(waiting.Count);
            _window.Taken(waiting[taken]);
            waiting.RemoveAt(taken);
            var open = all.Find(static pushed => !pushed.IsTaken);
            Assert.True(open is null ? _window.TakenTo == _window.ReadTo : _window.TakenTo.IsBefore(open.Event.Position), $"seed {seed}, step {step}: {_window.TakenTo}");
            Assert.Equal(open is null ? 0 : all.Count - all.IndexOf(open), _window.Count);
        }
    }

    private static StatusEventPosition At(int page) => new(0, page, StatusEventPosition.WholePage);

    private static StatusEventBatch Batch(int next, params int[] pages) => new(
        [.. pages.Select(static page => new StatusEvent(new DeviceId("p", "d"), $"m{page}", "", MessageStatus.Pending, default, null, At(page)))], At(next), IsAtEnd: false, IsGapBefore: false);
}
