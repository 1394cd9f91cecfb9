/**
 * @file Notifications of the browser. The desktop app shows its own, so there the page asks for none. A browser asks the
 * person, and only after a click.
 */
import { isDesktop } from '../../api/desktop.ts';

class Notices {
  #permission = $state<NotificationPermission>(permissionNow());

  /** False once the person has answered, and where there are no notifications. */
  get canAsk(): boolean {
    return this.#permission === 'default';
  }

  async ask(): Promise<void> {
    this.#permission = await Notification.requestPermission();
  }

  /** Shows a notification if the person allows them; a click brings the page to the front. */
  show(title: string, body: string, onClick: () => void): void {
    if (permissionNow() !== 'granted') return;
    const notification = new Notification(title, { body });
    notification.onclick = () => {
      window.focus();
      onClick();
      notification.close();
    };
  }
}

function permissionNow(): NotificationPermission {
  return isDesktop() || typeof Notification === 'undefined' ? 'denied' : Notification.permission;
}

export const notices = new Notices();
