namespace IotPlatform.Delivery;

/// <summary>Writes a broadcast that has a rate to those whose turn it is.</summary>
internal sealed class LineWork(OngoingBroadcast broadcast, int quota) : IBroadcastWork
{
    private const int CopiesInATurn = 128;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Complete when they have been written to.</summary>
    public Task Done => _done.Task;

    public bool DoPart()
    {
        var part = Math.Min(quota, CopiesInATurn);
        broadcast.WriteToThoseInLine(part);
        quota -= part;
        if (quota > 0)
        {
            return false;
        }

        _done.SetResult();
        return true;
    }

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
