using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;

namespace IotPlatform.Engine.Tests;

public sealed class CallGrain(Board board) : Grain, ICallGrain
{
    private int _calls;
    private ReadOnlyMemory<byte> _kept;

    private string Key => this.GetPrimaryKeyString();

    public Task<string> KeyAsync() => Task.FromResult(Key);

    public Task<Parcel?> EchoAsync(Parcel? parcel) => Task.FromResult(parcel);

    public Task<ImmutableArray<int>> EchoAllAsync(ImmutableArray<int> values) => Task.FromResult(values);

    public Task<int?> SumAsync(int first, long? second, TimeSpan third) =>
        Task.FromResult(second is null ? null : (int?)(first + second.Value + third.TotalSeconds));

    public async Task FailAsync(string message)
    {
        _calls++;
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task<int> FailAtOnceAsync(string message)
    {
        _calls++;
        throw new InvalidOperationException(message);
    }

    public Task FailWithOwnTypeAsync(string message) => throw new DeviceFaultException(message);

    public Task ReturnNothingAsync() => null!;

    public async Task<int> CallOnAsync(int more) => more == 0 ? 1 : 1 + await GrainFactory.GetGrain<ICallGrain>($"{Key}/{more}").CallOnAsync(more - 1);

    public Task KeepAsync(ReadOnlyMemory<byte> bytes)
    {
        _kept = bytes;
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<byte>> KeptAsync() => Task.FromResult(ImmutableArray.Create(_kept.Span));

    public Task CancelItselfAsync() => throw new OperationCanceledException("The grain gave up.");

    public Task<int> CallsAsync() => Task.FromResult(++_calls);

    public Task<string> KeyOfOtherAsync(string otherKey) => GrainFactory.GetGrain<ICallGrain>(otherKey).KeyAsync();

    public async Task<string> FailureOfOtherAsync(string otherKey, string message)
    {
        try
        {
            await GrainFactory.GetGrain<ICallGrain>(otherKey).FailAsync(message);
            return "none";
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    public Task<bool> FindsServicesAsync() => Task.FromResult(ReferenceEquals(board, ServiceProvider.GetRequiredService<Board>()));

    public Task HoldASecondAtMostAsync() => HoldAsync();

    public async Task HoldAsync()
    {
        await board.Gate(Key).PassAsync();
        board.Journal(Key).Add("ends");
    }
}
