using IotPlatform.Diagnostics;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>What is over, and waits for its peer, waits neither long nor in any number.</summary>
public sealed class LingeringTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly GatewayInstruments _instruments = new();
    private readonly Lingering _lingering;

    public LingeringTests() => _lingering = new Lingering(_instruments, _time);

    public void Dispose()
    {
        _lingering.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public void Lingerer_IsEnded_WhenItsPeerHasClosed()
    {
        var staying = new Lingerer();
        var going = new Lingerer();
        Assert.True(_lingering.TryAdd(staying));
        Assert.True(_lingering.TryAdd(going));
        _time.Advance(Lingering.Tick);
        Assert.Equal((1, 1, 2), (staying.Looks, going.Looks, _lingering.Count));

        going.IsOver = true;
        _time.Advance(Lingering.Tick);
        Assert.Equal((false, true, 1), (staying.IsGivenUp, going.IsGivenUp, _lingering.Count));
    }

    [Fact]
    public void Lingerer_WhosePeerNeverCloses_IsEndedInTime()
    {
        var lingerer = new Lingerer();
        _lingering.TryAdd(lingerer);
        _time.Advance(Lingering.TimeMax - Lingering.Tick);
        Assert.False(lingerer.IsGivenUp);
        _time.Advance(Lingering.Tick);
        Assert.True(lingerer.IsGivenUp);
        Assert.Equal(0, _lingering.Count);
    }

    [Fact]
    public void Lingerer_BeyondTheBound_IsNotTaken_UntilThereIsRoomAgain()
    {
        var all = Enumerable.Range(0, Lingering.LengthMax).Select(static _ => new Lingerer()).ToArray();
        Assert.All(all, lingerer => Assert.True(_lingering.TryAdd(lingerer)));
        Assert.False(_lingering.TryAdd(new Lingerer()));

        all[7].IsOver = true;
        _time.Advance(Lingering.Tick);
        Assert.True(_lingering.TryAdd(new Lingerer()));
        Assert.False(_lingering.TryAdd(new Lingerer()));
    }

    // The clock of an idle gateway does not tick for nothing.
    [Fact]
    public void Timer_RunsOnlyWhileSomethingLingers()
    {
        Assert.Equal(0, _time.TimersDueIn(Lingering.Tick));
        var lingerer = new Lingerer { IsOver = true };
        _lingering.TryAdd(lingerer);
        Assert.Equal(1, _time.TimersDueIn(Lingering.Tick));
        _time.Advance(Lingering.Tick);
        Assert.Equal((1, 0), (lingerer.Looks, _time.TimersDueIn(Lingering.Tick)));
    }

    [Fact]
    public void End_OfTheGateway_EndsWhatLingers_AndTakesNoMore()
    {
        var lingerer = new Lingerer();
        _lingering.TryAdd(lingerer);
        _lingering.Dispose();
        Assert.True(lingerer.IsGivenUp);
        Assert.False(_lingering.TryAdd(new Lingerer()));
    }

    private sealed class Lingerer : ILingerer
    {
        public bool IsOver { get; set; }

        public bool IsGivenUp { get; private set; }

        public int Looks { get; private set; }

        public bool Discard()
        {
            Looks++;
            return !IsOver;
        }

        public void GiveUp() => IsGivenUp = true;
    }
}
