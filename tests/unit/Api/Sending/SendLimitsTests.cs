using IotPlatform.Api.Access;
using IotPlatform.Api.Sending;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>How many messages callers may send.</summary>
public sealed class SendLimitsTests : IDisposable
{
    private static readonly Caller One = new("one");
    private static readonly Caller Other = new("other");

    private readonly GatewayInstruments _instruments = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public void Product_BeyondItsBurst_IsRefusedUntilItsRateAllowsOneMore()
    {
        using var refused = new InstrumentSum(_instruments, "iot.gateway.messages.refused");
        var limits = With(new SendOptions { SendsPerSecondPerProduct = 4, SendsBurstPerProduct = 2 });
        Assert.Null(limits.TryTake("p", One));
        Assert.Null(limits.TryTake("p", Other));

        var refusal = limits.TryTake("p", One)!;
        Assert.Equal((RefusalCode.ResourceExhausted, TimeSpan.FromMilliseconds(250)), (refusal.Code, refusal.RetryAfter));
        Assert.Contains("p may be sent 4 messages a second", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, refused.Value);
        Assert.Null(limits.TryTake("q", One));

        _time.Advance(refusal.RetryAfter!.Value);
        Assert.Null(limits.TryTake("p", One));
        Assert.NotNull(limits.TryTake("p", One));
    }

    [Fact]
    public void Caller_BeyondItsBurst_IsRefusedForEveryProduct()
    {
        var limits = With(new SendOptions { SendsPerSecondPerCaller = 2 });
        Assert.Null(limits.TryTake("p", One));
        Assert.Null(limits.TryTake("q", One));

        var refusal = limits.TryTake("r", One)!;
        Assert.Equal((RefusalCode.ResourceExhausted, TimeSpan.FromMilliseconds(500)), (refusal.Code, refusal.RetryAfter));
        Assert.Null(limits.TryTake("r", Other));
        Assert.Null(limits.TryTake("r", Caller.Anonymous));
    }

    [Fact]
    public void MessageThatItsCallerMayNotSend_CostsItsProductNothing()
    {
        var limits = With(new SendOptions { SendsPerSecondPerProduct = 2, SendsPerSecondPerCaller = 1 });
        Assert.Null(limits.TryTake("p", One));
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(limits.TryTake("p", One));
        }

        Assert.Null(limits.TryTake("p", Other));
    }

    [Fact]
    public void MessageThatItsProductMayNotGet_CostsItsCallerNothing()
    {
        var limits = With(new SendOptions { SendsPerSecondPerProduct = 1, SendsPerSecondPerCaller = 2 });
        Assert.Null(limits.TryTake("p", One));
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(limits.TryTake("p", One));
        }

        Assert.Null(limits.TryTake("q", One));
        Assert.NotNull(limits.TryTake("r", One));
    }

    [Fact]
    public void LimitOfZero_IsNone()
    {
        var limits = With(new SendOptions { SendsPerSecondPerProduct = 0, SendsPerSecondPerCaller = 0 });
        for (var i = 0; i < 200_000; i++)
        {
            Assert.Null(limits.TryTake("p", One));
        }
    }

    [Fact]
    public void Defaults_AllowFiftyThousandASecond()
    {
        var limits = With(new SendOptions());
        var taken = 0;
        while (taken < 100_000 && limits.TryTake("p", One) is null)
        {
            taken++;
        }

        Assert.Equal(50_000, taken);
    }

    [Fact]
    public void TooManyProducts_AreForgotten_AndCounted()
    {
        using var forgotten = new InstrumentSum(_instruments, "iot.gateway.limits.forgotten");
        var limits = With(new SendOptions { SendsPerSecondPerProduct = 1, SendsBurstPerProduct = 1_000 });
        for (var i = 0; i < 20_000; i++)
        {
            limits.TryTake($"p{i}", One);
        }

        Assert.InRange(forgotten.Value, 10_000, 20_000);
    }

    private SendLimits With(SendOptions options) => new(Options.Create(options), _instruments, _time);
}
