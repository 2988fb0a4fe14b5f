using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Api.Invoking;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Products;
using IotPlatform.Protos.V1;
using IotPlatform.Unit.Tests.Devices;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;
using Microsoft.AspNetCore.Http;
using Outcome = IotPlatform.Protos.V1.InvokeDeviceResponse.Types.Outcome;

namespace IotPlatform.Unit.Tests.Api.Invoking;

/// <summary>The call that waits for a device's answer, as its caller sees it.</summary>
public sealed class DeviceInvocationsTests : IAsyncDisposable
{
    private readonly DeviceScenario _scenario = new();
    private readonly GatewayInstruments _instruments = new();
    private readonly DropCounter _outcomes;
    private readonly DeviceInvocations _service;

    public DeviceInvocationsTests()
    {
        _outcomes = new DropCounter(_instruments, "iot.gateway.invocations");
        _service = new DeviceInvocations(_scenario.Host.Engine, new ProductCache(_scenario.Host.Engine, _scenario.Host.Time), _instruments);
    }

    public async ValueTask DisposeAsync()
    {
        _outcomes.Dispose();
        _instruments.Dispose();
        await _scenario.DisposeAsync();
    }

    [Theory]
    [InlineData(InvocationOutcome.Success, Outcome.Success, "success")]
    [InlineData(InvocationOutcome.Timeout, Outcome.Timeout, "timeout")]
    [InlineData(InvocationOutcome.Offline, Outcome.Offline, "offline")]
    public async Task Call_IsAnsweredWithItsOutcome_AndCounted(InvocationOutcome outcome, Outcome expected, string counted)
    {
        await OpenAsync();
        _scenario.Gateway.OnInvoke = (request, _) =>
            Task.FromResult<Reply<InvocationResult>>(new InvocationResult(request.RequestId, outcome, new byte[] { 7 }, TimeSpan.FromMilliseconds(1_500)));

        var response = await CallAsync();

        Assert.Equal(_scenario.Gateway.Invocations.Single().RequestId, response.RequestId);
        Assert.Equal((expected, ByteString.CopyFrom(7), new Duration { Seconds = 1, Nanos = 500_000_000 }), (response.Outcome, response.Payload, response.Duration));
        Assert.Equal(1, _outcomes[counted]);
    }

    [Fact]
    public async Task Call_ForADeviceOfNoProduct_OrOfADisabledOne_IsRefused()
    {
        await RefusedAsync(StatusCode.NotFound, "There is no product p.");
        Register(isEnabled: false);
        var other = new DeviceInvocations(_scenario.Host.Engine, new ProductCache(_scenario.Host.Engine, _scenario.Host.Time), _instruments);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => other.InvokeAsync(Request(), Context()));
        Assert.Equal((StatusCode.FailedPrecondition, "Product p is disabled."), (refusal.StatusCode, refusal.Message));
    }

    [Fact]
    public async Task Call_ThatIsRefused_SaysWhy_AndIsCounted()
    {
        Register();
        await RefusedAsync(StatusCode.NotFound, "There is no device p/d.");
        await OpenAsync();
        _scenario.Gateway.OnInvoke = static (_, _) => Task.FromResult<Reply<InvocationResult>>(Refusal.ResourceExhausted("8 calls wait for p/d."));
        await RefusedAsync(StatusCode.ResourceExhausted, "8 calls wait for p/d.");
        Assert.Equal(2, _outcomes["refused"]);
    }

    [Fact]
    public async Task Call_WhoseCallerHasGone_Ends_AndIsCounted()
    {
        await OpenAsync();
        _scenario.Gateway.OnInvoke = static async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("It waits for ever.");
        };
        using var caller = new CancellationTokenSource();
        var call = CallAsync(caller.Token);
        await Patience.UntilAsync(() => _scenario.Gateway.Invocations.Count == 1, "the gateway is asked");

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync());
        Assert.Equal(1, _outcomes["canceled"]);
    }

    [Fact]
    public async Task Call_ThatFails_IsCounted()
    {
        await OpenAsync();
        _scenario.Gateway.OnInvoke = static (_, _) => throw new InvalidOperationException("A fault.");
        await Assert.ThrowsAsync<InvalidOperationException>(() => CallAsync());
        Assert.Equal(1, _outcomes["failed"]);
    }

    private static InvokeDeviceRequest Request() => new() { ProductKey = "p", DeviceName = "d" };

    private static CallContext Context(CancellationToken cancellationToken = default) => new(new DefaultHttpContext(), "iot.v1.Messaging/InvokeDevice", null, cancellationToken);

    private void Register(bool isEnabled = true) =>
        _scenario.Host.Registry.Add(new ProductView("p", "", isEnabled, IsRegistrationOpen: false, _scenario.Host.Time.GetUtcNow(), []));

    private async Task OpenAsync()
    {
        Register();
        _scenario.Register();
        await _scenario.OpenAsync();
    }

    private Task<InvokeDeviceResponse> CallAsync(CancellationToken cancellationToken = default) => _service.InvokeAsync(Request(), Context(cancellationToken));

    private async Task RefusedAsync(StatusCode code, string message)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => CallAsync());
        Assert.Equal((code, message), (refusal.StatusCode, refusal.Message));
    }
}
