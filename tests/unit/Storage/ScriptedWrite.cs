using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>A write of nothing.</summary>
internal sealed class ScriptedWrite(long weight = 1) : StoreWrite(weight)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public override void Complete() => _done.SetResult();

    public override void Fail(Exception exception) => _done.SetException(exception);
}
