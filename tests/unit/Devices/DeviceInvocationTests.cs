using IotPlatform.Devices;
using IotPlatform.Unit.Tests.Time;
using Orleans.Runtime;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>What a device's grain says to requests whose answers somebody waits for, whatever its gateway does.</summary>
public sealed class DeviceInvocationTests : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(7);

    /// <summary>What an answer may take on its way.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly DeviceScenario _scenario = new();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Invocation_OfAnUnknownDevice_IsNotFound() =>
        Assert.Equal((RefusalCode.NotFound, "There is no device p/d."), await RefusalAsync());

    [Fact]
    public async Task Invocation_OfADisabledDevice_IsRefused()
    {
        _scenario.Register(isEnabled: false);
        Assert.Equal((RefusalCode.FailedPrecondition, "p/d is disabled."), await RefusalAsync());
    }

    [Fact]
    public async Task Invocation_OfADeviceThatIsAway_IsOffline_AndGoesToNoGateway()
    {
        _scenario.Register();
        Assert.Equal(InvocationOutcome.Offline, await OutcomeAsync());
        await _scenario.OpenAsync();
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        Assert.Equal(InvocationOutcome.Offline, await OutcomeAsync());
        Assert.Empty(_scenario.Gateway.Invocations);
    }

    [Fact]
    public async Task Invocation_OfADeviceThatIsOnline_GoesToItsConnection_EachUnderAnIdOfItsOwn()
    {
        _scenario.Register();
        await _scenario.OpenAsync(connectionId: 3);
        var first = await InvokeAsync();
        var second = await InvokeAsync();
        Assert.Equal([first.Value!.RequestId, second.Value!.RequestId], _scenario.Gateway.Invocations.Select(static request => request.RequestId));
        Assert.NotEqual(first.Value.RequestId, second.Value.RequestId);
        Assert.All(_scenario.Gateway.Invocations, static request => Assert.Equal((3, Timeout), (request.ConnectionId, request.Request.Timeout)));
    }

    [Fact]
    public async Task Invocation_ThatWaits_HoldsUpNobody()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        var answer = new TaskCompletionSource<Reply<InvocationResult>>();
        _scenario.Gateway.OnInvoke = (_, _) => answer.Task;
        var call = InvokeAsync();
        await Patience.UntilAsync(() => _scenario.Gateway.Invocations.Count == 1, "the gateway is asked");

        Assert.Equal(MessageStatus.Sent, (await _scenario.SendAsync("m")).Progress.Status);
        await _scenario.AcknowledgeAsync("m");

        answer.SetResult(new InvocationResult("r", InvocationOutcome.Success, default, TimeSpan.Zero));
        Assert.Equal("r", (await call.InTimeAsync()).Value!.RequestId);
    }

    [Fact]
    public async Task Invocation_WhoseGatewayDoesNotAnswer_TimesOut()
    {
        var call = await InvokeSilentGatewayAsync();
        var result = await EndAsync(call);
        Assert.Equal(InvocationOutcome.Timeout, result.Outcome);
        Assert.True(result.Duration >= Timeout + Grace, $"It ended after {result.Duration}.");
    }

    [Fact]
    public async Task Invocation_WhoseGatewayIsLost_IsOffline_WithoutWaitingForTheDevicesTime()
    {
        var call = await InvokeSilentGatewayAsync();
        await _scenario.Host.SetLiveAsync(_scenario.Host.Lease("other"));
        var result = await EndAsync(call);
        Assert.Equal(InvocationOutcome.Offline, result.Outcome);
        Assert.True(result.Duration < Timeout, $"It ended after {result.Duration}.");
    }

    [Fact]
    public async Task Invocation_WhoseConnectionEnds_IsOffline_WhereItsGatewayGetsNoWordOutAnyMore()
    {
        var call = await InvokeSilentGatewayAsync();
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        var result = await EndAsync(call);
        Assert.Equal(InvocationOutcome.Offline, result.Outcome);
        Assert.True(result.Duration < Timeout, $"It ended after {result.Duration}.");
    }

    [Fact]
    public async Task Invocation_WhoseConnectionEnds_TakesTheAnswerThatIsOnItsWay()
    {
        var answer = new TaskCompletionSource<Reply<InvocationResult>>();
        var call = await InvokeSilentGatewayAsync(answer);
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        Assert.False(call.IsCompleted);
        answer.SetResult(new InvocationResult("r", InvocationOutcome.Success, default, TimeSpan.Zero));
        Assert.Equal(InvocationOutcome.Success, (await call.InTimeAsync()).Value!.Outcome);
    }

    [Fact]
    public async Task Invocation_WhoseGatewayFailsToAnswerInTime_IsATimeout_AtOnce()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        _scenario.Gateway.OnInvoke = static (_, _) => throw new TimeoutException("No answer.");
        Assert.Equal(InvocationOutcome.Timeout, await OutcomeAsync());
    }

    [Fact]
    public async Task Invocation_WhoseGatewayCanNotBeCalled_IsOffline()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        _scenario.Gateway.OnInvoke = static (_, _) => throw new ClientNotAvailableException("It is gone.");
        Assert.Equal(InvocationOutcome.Offline, await OutcomeAsync());
    }

    [Fact]
    public async Task Invocation_WhoseCallerHasGone_TellsTheGateway()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        var told = new TaskCompletionSource();
        _scenario.Gateway.OnInvoke = async (_, cancellationToken) =>
        {
            await using var registration = cancellationToken.Register(told.SetResult);
            await told.Task;
            throw new OperationCanceledException(cancellationToken);
        };
        using var caller = new CancellationTokenSource();
        var call = InvokeAsync(caller.Token);
        await Patience.UntilAsync(() => _scenario.Gateway.Invocations.Count == 1, "the gateway is asked");

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync());
        await told.Task.InTimeAsync();
    }

    /// <summary>A call whose gateway does not answer, unless the test does.</summary>
    private async Task<Task<Reply<InvocationResult>>> InvokeSilentGatewayAsync(TaskCompletionSource<Reply<InvocationResult>>? answer = null)
    {
        _scenario.Register();
        await _scenario.Host.SetLiveAsync(_scenario.Host.Lease("g1"));
        await _scenario.OpenAsync();
        _scenario.Gateway.OnInvoke = (_, _) => (answer ?? new()).Task;
        return InvokeAsync();
    }

    /// <summary>Lets time go by until the call ends.</summary>
    private async Task<InvocationResult> EndAsync(Task<Reply<InvocationResult>> call)
    {
        await _scenario.Host.Time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), () => call.IsCompleted);
        return (await call).Value!;
    }

    private Task<Reply<InvocationResult>> InvokeAsync(CancellationToken cancellationToken = default) =>
        _scenario.Grain.InvokeAsync(new InvokeDevice(new byte[] { 1 }, QoS: 0, Timeout, default), cancellationToken);

    private async Task<InvocationOutcome?> OutcomeAsync() => (await InvokeAsync()).Value?.Outcome;

    private async Task<(RefusalCode?, string?)> RefusalAsync()
    {
        var refusal = (await InvokeAsync()).Refusal;
        return (refusal?.Code, refusal?.Message);
    }
}
