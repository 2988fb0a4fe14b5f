namespace IotPlatform.Devices;

/// <content>How the changes of the device's messages come to the store.</content>
internal sealed partial class DeviceGrain
{
    // Completes when every change so far is stored.
    private Task _stored = Task.CompletedTask;

    // Completes when every end so far is stored: ends are never held back.
    private Task _ended = Task.CompletedTask;

    // How many ends there have been. Their task does not tell: one that is stored at once leaves it as it was.
    private long _endCount;

    // Those that are being tried again, by their message's sequence: another message may have its id by then.
    private Dictionary<long, UnstoredChange>? _unstored;

    private void StoreChanges()
    {
        foreach (var change in _mailbox!.TakeChanges())
        {
            LogChanged(services.Logger, change.Device, change.MessageId, change.Progress.Status);
            var stored = StoreAsync(change);
            _stored = _stored.IsCompleted ? stored : Task.WhenAll(_stored, stored);
            if (change.Progress.IsFinal)
            {
                _endCount++;
                _ended = _ended.IsCompleted ? stored : Task.WhenAll(_ended, stored);
            }
        }
    }

    // Never fails. A change that is lost with the process makes the device get the message again, but for an acknowledgement, which its gateway repeats.
    private async Task StoreAsync(MessageChange change)
    {
        if (_unstored?.TryGetValue(change.Sequence, out var earlier) == true)
        {
            await earlier.GoesWithAsync(change);
            return;
        }

        UnstoredChange? retry = null;
        while (true)
        {
            try
            {
                await services.Progress.UpdateAsync(change);
                break;
            }
            catch (StoreUnavailableException)
            {
                // Said once by whoever looks after the store, and counted there: this may be one of very many.
            }
            catch (Exception exception)
            {
                LogStoreFailed(services.Logger, exception, change.Device);
            }

            _unstored ??= [];
            if (_unstored.TryGetValue(change.Sequence, out var other))
            {
                // Another change of the message has failed as well. They may learn of their failures in any order.
                await other.GoesWithAsync(change);
                break;
            }

            retry ??= new UnstoredChange();
            retry.Change = change;
            _unstored.Add(change.Sequence, retry);
            await Task.Delay(services.Options.FullRetryInterval, services.Time);
            _unstored.Remove(change.Sequence);
            change = retry.Change;
        }

        retry?.Stored.SetResult();
    }

    /// <summary>A change that could not be stored, until it is tried again.</summary>
    private sealed class UnstoredChange
    {
        public MessageChange Change { get; set; } = null!;

        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Another change of the message is stored with this one; whichever is further counts.</summary>
        public Task GoesWithAsync(MessageChange change)
        {
            Change = change.Over(Change);
            return Stored.Task;
        }
    }
}
